/** Image files as pixels, and pixels as the numbers that a model reads: what Pillow does. */
package dev.culebra.data.image;

/** From files to documents, pairs of texts and images. */
package dev.culebra.data.read;

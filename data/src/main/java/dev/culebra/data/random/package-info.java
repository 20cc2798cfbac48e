/** Random numbers by hash: of a seed and an index, and of nothing drawn before. */
package dev.culebra.data.random;

/** The training step, and runs with their metrics and checkpoints. */
package dev.culebra.train.run;

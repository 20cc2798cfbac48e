/** The data of a run: read, parted, encoded, and sampled as its task has it. */
package dev.culebra.objectives.data;

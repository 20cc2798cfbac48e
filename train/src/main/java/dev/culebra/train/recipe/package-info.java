/** The settings of a run, and the files of its folder. */
package dev.culebra.train.recipe;

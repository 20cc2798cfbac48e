/** What a run is asked to do: every setting, and where things lie in its folder. */
package dev.culebra.objectives.recipe;

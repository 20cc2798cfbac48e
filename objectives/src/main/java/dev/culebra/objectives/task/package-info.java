/** What a recipe comes to: which objectives, designs and profiles go together, and which do not. */
package dev.culebra.objectives.task;

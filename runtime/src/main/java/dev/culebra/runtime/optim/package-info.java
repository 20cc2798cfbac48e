/** Optimisers and learning-rate schedules. */
package dev.culebra.runtime.optim;

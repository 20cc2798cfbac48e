/** The wall between autograd and hardware: the primitive operations and their parameters. */
package dev.culebra.runtime.kernel;

/** Generated bindings and the loading of native libraries. */
package dev.culebra.bindings;

/**
 * Generated bindings and the loading of the native libraries behind them, nothing else.
 *
 * <p>Each subpackage is what jextract wrote for one library (see {@code bindings/README.md}). A
 * generated class works as soon as this package has loaded its library: {@link
 * dev.culebra.bindings.OpenBlasLibrary#load}, {@link dev.culebra.bindings.CudaLibraries#nvidia} or
 * {@link dev.culebra.bindings.CudaLibraries#software()}.
 */
package dev.culebra.bindings;

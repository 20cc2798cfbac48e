/**
 * The CPU side of the wall: OpenBLAS for matrix products, the Vector API and one fixed pool of
 * threads for the rest.
 */
package dev.culebra.runtime.cpu;

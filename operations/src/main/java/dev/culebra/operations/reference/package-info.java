/**
 * The operations of the wall in float64: naive loops that follow the formulas, written to be read
 * and believed. Arrays are dense and row-major. Nothing here knows a device.
 */
package dev.culebra.operations.reference;

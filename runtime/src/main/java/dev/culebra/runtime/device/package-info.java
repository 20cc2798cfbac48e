/** Devices and their memory: buffers, the workspace of a step, and how a device is chosen. */
package dev.culebra.runtime.device;

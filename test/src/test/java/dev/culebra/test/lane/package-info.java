/** Devices that a lane of tests runs on, one per process, and the seeds of a run. */
package dev.culebra.test.lane;

/**
 * Files that survive: safetensors, checkpoints, locks and logs.
 *
 * <p>Nothing here knows tensors or devices: the package works on names, shapes and memory segments.
 * What it reads is checked before it is used, and complaints about it are {@link
 * dev.culebra.runtime.BadInputException}s. What it writes is either wholly there or not there at
 * all; a failure to write is an {@link java.io.IOException} whose message is one sentence.
 */
package dev.culebra.runtime.io;

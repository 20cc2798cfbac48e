package dev.culebra.runtime.device;

import java.lang.foreign.MemorySegment;

/**
 * A typed run of device memory, or a view of a part of one.
 *
 * <p>An owned buffer counts its holders: it starts with one, {@link #retain} adds one, {@link
 * #release} removes one, and the last release hands the memory back to whoever allocated it. Views
 * made by {@link #slice} hold nothing: they die with their root. Touching memory that was handed
 * back is an {@link IllegalStateException}, never a crash.
 */
public final class Buffer {

  /** Takes back the memory of a root buffer that nobody holds any more. */
  public interface Owner {
    /** Called once, by the last release. */
    void reclaim(Buffer root);
  }

  private final String name;
  private final DType dtype;
  private final long length;
  private final MemorySegment memory;
  private final Buffer root;
  private final Owner owner;
  private int holders;

  /** A root buffer over {@code memory}, with one holder; devices make these. */
  public Buffer(String name, DType dtype, long length, MemorySegment memory, Owner owner) {
    this.name = name;
    this.dtype = dtype;
    this.length = length;
    this.memory = memory;
    this.owner = owner;
    this.root = this;
    this.holders = 1;
  }

  private Buffer(Buffer parent, long offset, long length) {
    this.name = parent.name;
    this.dtype = parent.dtype;
    this.length = length;
    this.memory = parent.memory.asSlice(offset * dtype.bytes(), length * dtype.bytes());
    this.owner = null;
    this.root = parent.root;
  }

  /** What this memory is for; appears in memory reports. */
  public String name() {
    return name;
  }

  /** Element type. */
  public DType dtype() {
    return dtype;
  }

  /** Number of elements. */
  public long length() {
    return length;
  }

  /** Size in bytes. */
  public long bytes() {
    return length * dtype.bytes();
  }

  /** The view of {@code length} elements from element {@code offset} on. */
  public Buffer slice(long offset, long length) {
    checkAlive();
    if (offset < 0 || length < 0 || offset > this.length - length) {
      throw new IndexOutOfBoundsException(
          "elements " + offset + " to " + (offset + length) + " of " + this);
    }
    return new Buffer(this, offset, length);
  }

  /**
   * The memory: readable on the CPU device, an address that must not be read on others.
   *
   * @throws IllegalStateException if the memory was handed back
   */
  public MemorySegment memory() {
    checkAlive();
    return memory;
  }

  /** Adds a holder to the root and returns this buffer. */
  public Buffer retain() {
    checkAlive();
    root.holders++;
    return this;
  }

  /** Removes a holder; the last one hands the memory back. */
  public void release() {
    checkAlive();
    if (--root.holders == 0) {
      root.owner.reclaim(root);
    }
  }

  /** Whether nobody but one holder has this memory, so that it may be changed in place. */
  public boolean exclusive() {
    checkAlive();
    return root.holders == 1;
  }

  /** Whether the memory is still held. */
  public boolean alive() {
    return root.holders > 0;
  }

  private void checkAlive() {
    if (root.holders <= 0) {
      throw new IllegalStateException("buffer '" + name + "' was used after its release");
    }
  }

  @Override
  public String toString() {
    return "'" + name + "' (" + length + " x " + dtype + ")";
  }
}

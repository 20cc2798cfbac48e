package dev.culebra.operations.harness;

import dev.culebra.runtime.device.DType;

/**
 * One argument of a kernel: what it is called, how large it is, what is done to it and what it is
 * drawn from.
 *
 * <p>Starts as an input of the compute type, drawn from the standard normal distribution; the other
 * methods change that and return the argument itself, so that a declaration reads as one phrase.
 */
public final class Argument {

  /** What a kernel does to an argument. */
  enum Role {
    /** Read; must come out as it went in. */
    INPUT,
    /** Written without being read; holds NaN before. */
    RESULT,
    /** The result is added to what is there. */
    ADDED,
    /** Read and replaced. */
    UPDATED
  }

  private final String name;
  private final int rows;
  private final int cols;
  private final boolean strided;
  private DType dtype;
  private Role role = Role.INPUT;
  private InputGenerator generator = InputGenerator.normal();
  private boolean present = true;
  private boolean belowF32;
  private boolean constant;
  private boolean learned;
  private boolean freeRows;
  private boolean freeCols;

  private Argument(String name, int rows, int cols, boolean strided) {
    this.name = name;
    this.rows = rows;
    this.cols = cols;
    this.strided = strided;
  }

  /** A matrix, whose rows may lie apart. */
  public static Argument matrix(String name, int rows, int cols) {
    return new Argument(name, rows, cols, true);
  }

  /** A dense buffer of {@code rows} x {@code cols} values. */
  public static Argument buffer(String name, int rows, int cols) {
    return new Argument(name, rows, cols, false);
  }

  /** A dense buffer of {@code length} values. */
  public static Argument buffer(String name, int length) {
    return new Argument(name, 1, length, false);
  }

  // What it holds

  /** Stored as float32 whatever the compute type. */
  public Argument f32() {
    dtype = DType.F32;
    return this;
  }

  /** Float32 if {@code f32}, else the compute type. */
  public Argument f32(boolean f32) {
    return f32 ? f32() : this;
  }

  /** Float32 whatever the compute type, and with a gradient on the wall. */
  public Argument learned() {
    learned = true;
    return f32();
  }

  /** Integers, drawn from {@code ids}. */
  public Argument i32(InputGenerator ids) {
    dtype = DType.I32;
    return from(ids);
  }

  /** Without gradient on the wall. */
  public Argument constant() {
    constant = true;
    return this;
  }

  /** Drawn from {@code values}. */
  public Argument from(InputGenerator values) {
    generator = values;
    return this;
  }

  // What is done to it

  /** Written, without being read. */
  public Argument result() {
    role = Role.RESULT;
    return this;
  }

  /** Added to. */
  public Argument added() {
    role = Role.ADDED;
    return this;
  }

  /** Added to if {@code accumulate}, else written without being read. */
  public Argument result(boolean accumulate) {
    return accumulate ? added() : result();
  }

  /** Read and replaced. */
  public Argument updated() {
    role = Role.UPDATED;
    return this;
  }

  // When it is given, and what its size depends on

  /** Null unless {@code condition}. */
  public Argument when(boolean condition) {
    present = condition;
    return this;
  }

  /** Null on a device that computes in F32. */
  public Argument belowF32() {
    belowF32 = true;
    return this;
  }

  /** No other argument says how many rows this one has, so no check can refuse fewer. */
  public Argument anyRows() {
    freeRows = true;
    return this;
  }

  /** No other argument says how many columns, or values, this one has. */
  public Argument anyLength() {
    freeCols = true;
    return this;
  }

  // For the checks

  String name() {
    return name;
  }

  int rows() {
    return rows;
  }

  int cols() {
    return cols;
  }

  int count() {
    return Math.multiplyExact(rows, cols);
  }

  boolean strided() {
    return strided;
  }

  Role role() {
    return role;
  }

  InputGenerator generator() {
    return generator;
  }

  /** Whether a call of this shape has this argument on some device. */
  boolean present() {
    return present;
  }

  /** Whether a call on a device of the given compute type has this argument. */
  boolean presentOn(DType compute) {
    return present && !(belowF32 && compute == DType.F32);
  }

  /** Element type on a device of the given compute type. */
  DType dtype(DType compute) {
    return dtype == null ? compute : dtype;
  }

  /**
   * Whether it holds values that have a gradient on the wall, as those of the compute type have.
   */
  boolean differentiable() {
    return present
        && !constant
        && (dtype == null || learned)
        && role != Role.RESULT
        && role != Role.ADDED;
  }

  /** Whether fewer rows cannot be told from a right call. */
  boolean freeRows() {
    return freeRows;
  }

  /** Whether fewer columns, or a shorter buffer, cannot be told from a right call. */
  boolean freeCols() {
    return freeCols;
  }

  /** Cell {@code index} for people: its row and column, or its place in a vector. */
  String cell(int index) {
    String place = rows == 1 ? "" + index : index / cols + ", " + index % cols;
    return name + "[" + place + "]";
  }
}

package dev.culebra.runtime.kernel;

/**
 * AdamW's constants (Loshchilov and Hutter 2019, arXiv:1711.05101).
 *
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param epsilon added to the root of the second moment
 * @param weightDecay decoupled decay, multiplied by the learning rate
 */
public record AdamW(float beta1, float beta2, float epsilon, float weightDecay) {}

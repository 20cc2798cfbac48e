/**
 * Dual encoders, which embed: texts by BERT or a decoder, images and texts by CLIP or ViT and BERT.
 */
package dev.culebra.models.dual;

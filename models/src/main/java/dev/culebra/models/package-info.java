/**
 * Model folders of the Python world: which family a folder holds, its weights, and what a trained
 * model can become.
 */
package dev.culebra.models;

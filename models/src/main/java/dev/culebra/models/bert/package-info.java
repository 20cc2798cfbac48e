/** BERT. */
package dev.culebra.models.bert;

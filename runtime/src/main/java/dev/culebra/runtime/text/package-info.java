/** Texts that do not depend on the country where they are written. */
package dev.culebra.runtime.text;

/** The software CUDA device on its own, by C++ programs that know nothing of Java. */
package dev.culebra.test.softgpu;

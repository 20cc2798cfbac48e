package dev.culebra.runtime.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Inlet;
import dev.culebra.runtime.device.MemoryReport;
import dev.culebra.runtime.device.MemoryReport.Holder;
import dev.culebra.runtime.device.OutOfDeviceMemoryException;
import dev.culebra.runtime.kernel.Epilogue;
import dev.culebra.runtime.kernel.Matrix;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class CpuDeviceTest {

  @Test
  void describesItself() {
    try (CpuDevice device = CpuDevice.open(2)) {
      assertThat(device.name()).isEqualTo("cpu");
      assertThat(device.computeType()).isEqualTo(DType.F32);
      assertThat(device.description())
          .matches(".+, 2 threads, \\d+-bit vectors, OpenBLAS \\d+\\.\\d+.*, core \\w+");
    }
  }

  @Test
  void allocatesAlignedZeros() {
    try (CpuDevice device = CpuDevice.open(1)) {
      for (int length = 0; length < 100; length += 33) {
        Buffer buffer = device.allocate("weights", DType.F32, length);
        assertThat(buffer.memory().address() % 256).isZero();
        assertThat(Values.floats(buffer)).containsOnly(new float[length]).hasSize(length);
      }
    }
  }

  @Test
  void uploadsAndDownloads() {
    try (CpuDevice device = CpuDevice.open(1)) {
      Buffer buffer = device.allocate("batch", DType.F32, 3);
      device.upload(buffer, MemorySegment.ofArray(new float[] {1, 2, 3}));
      device.synchronize();
      float[] copy = new float[2];
      device.download(MemorySegment.ofArray(copy), buffer.slice(1, 2));
      assertThat(copy).containsExactly(2, 3);
      assertThatThrownBy(() -> device.upload(buffer, MemorySegment.ofArray(copy)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("upload: 'batch' (3 x F32) has 12 bytes, the host memory 8");
      assertThatThrownBy(() -> device.download(MemorySegment.ofArray(copy), buffer))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("download: 'batch' (3 x F32) has 12 bytes, the host memory 8");
    }
  }

  @Test
  void reportsEveryByte() {
    try (CpuDevice device = CpuDevice.open(1)) {
      Buffer weights = device.allocate("weights", DType.F32, 1000);
      Buffer more = device.allocate("weights", DType.F32, 500);
      Buffer logits = device.workspace().allocate("logits", DType.F32, 64);
      long block = device.workspace().capacity();
      MemoryReport report = device.memory();
      assertThat(report.holders())
          .isEqualTo(
              List.of(
                  new Holder("workspace, unused", block - 256),
                  new Holder("weights", 6000),
                  new Holder("logits", 256)));
      assertThat(report.used()).isEqualTo(6000 + block);
      weights.release();
      more.release();
      logits.release();
      assertThat(device.memory().holders())
          .isEqualTo(List.of(new Holder("workspace, unused", block)));
      assertThat(device.memory().used()).isEqualTo(block);
      assertThat(device.memory().peak()).isEqualTo(6000 + block);
    }
  }

  @Test
  void saysWhoHoldsTheMemoryWhenThereIsNoneLeft() {
    try (CpuDevice device = CpuDevice.open(1)) {
      device.allocate("moments", DType.F32, 1000);
      assertThatThrownBy(() -> device.allocate("logits", DType.F32, 1L << 46))
          .isInstanceOf(OutOfDeviceMemoryException.class)
          .hasMessageStartingWith("no room on cpu for 256.0 TiB of 'logits': 3.9 KiB are held")
          .hasMessageContaining("moments 3.9 KiB");
      assertThatThrownBy(() -> device.workspace().allocate("scores", DType.F32, 1L << 46))
          .isInstanceOf(OutOfDeviceMemoryException.class);
      assertThat(device.memory().used()).isEqualTo(4000);
    }
  }

  @Test
  void inletsBringFloatsToo() {
    try (CpuDevice device = CpuDevice.open(1);
        Inlet inlet = device.inlet("pixels", DType.F32, 3)) {
      MemorySegment.copy(MemorySegment.ofArray(new float[] {-1, 0.5f, 1}), 0, inlet.host(), 0, 12);
      inlet.send();
      assertThat(Values.floats(inlet.buffer())).containsExactly(0, 0, 0);
      inlet.swap();
      assertThat(Values.floats(inlet.buffer())).containsExactly(-1, 0.5f, 1);
      refused(inlet::swap);
    }
  }

  @Test
  void refusesEveryUseAfterRelease() {
    try (CpuDevice device = CpuDevice.open(1)) {
      Buffer buffer = device.allocate("weights", DType.F32, 4);
      Buffer view = buffer.slice(1, 2);
      buffer.release();
      refused(buffer::memory);
      refused(view::memory);
    }
  }

  @Test
  void refusesEveryUseAfterClose() {
    CpuDevice device = CpuDevice.open(2);
    Buffer buffer = device.allocate("weights", DType.F32, 4);
    Buffer scratch = device.workspace().allocate("scratch", DType.F32, 4);
    var kernels = device.kernels();
    device.close();
    device.close();
    MemorySegment host = MemorySegment.ofArray(new float[4]);
    Matrix x = Matrix.of(buffer, 2, 2);
    refused(device::kernels);
    refused(device::workspace);
    refused(device::synchronize);
    refused(() -> device.allocate("more", DType.F32, 4));
    refused(() -> device.upload(buffer, host));
    refused(() -> device.download(host, buffer));
    refused(() -> kernels.matmul(x, x, x, Epilogue.STORE));
    refused(() -> kernels.fill(scratch, 1));
    refused(() -> Floats.get(buffer.memory(), 0));
    refused(() -> Floats.get(scratch.memory(), 0));
    assertThat(device.memory().used()).isZero();
    buffer.release();
    scratch.release();
  }

  private static void refused(ThrowingCallable use) {
    assertThatThrownBy(use).isInstanceOf(IllegalStateException.class);
  }
}

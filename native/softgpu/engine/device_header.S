// softgpu_device.h as bytes in the library, so that nothing must be found at run time.
.section .rodata
.globl softgpu_device_header
.hidden softgpu_device_header
.globl softgpu_device_header_end
.hidden softgpu_device_header_end
softgpu_device_header:
.incbin "softgpu_device.h"
softgpu_device_header_end:
.byte 0
.section .note.GNU-stack,"",@progbits

"""Writes which keys transformers knows in the config.json of each family.

    python config_keys.py [FILE]

FILE (default: ../../models/src/test/resources/dev/culebra/models/nn/config_keys.json) maps a model type
to the sorted keys of its configuration as a whole: those that save_pretrained may write, and those that the class takes.
Parts (text_config, vision_config) stand under model types of their own. diffusers' DiTTransformer2DModel and schedulers are
listed by hand, from version 0.35, since their keys are the arguments of their constructors.
"""

import argparse
import dataclasses
import json
import pathlib

import transformers

FAMILIES = ["GPT2Config", "LlamaConfig", "BertConfig", "ElectraConfig", "T5Config", "BartConfig", "CLIPConfig", "CLIPTextConfig",
            "CLIPVisionConfig", "ViTConfig", "VisionTextDualEncoderConfig"]

DIFFUSERS = {
    "DiTTransformer2DModel": """num_attention_heads attention_head_dim in_channels out_channels num_layers dropout norm_num_groups
        attention_bias sample_size patch_size activation_fn num_embeds_ada_norm upcast_attention norm_type
        norm_elementwise_affine norm_eps""",
    "DDPMScheduler": """num_train_timesteps beta_start beta_end beta_schedule trained_betas variance_type clip_sample
        prediction_type thresholding dynamic_thresholding_ratio clip_sample_range sample_max_value timestep_spacing
        steps_offset rescale_betas_zero_snr""",
    "DDIMScheduler": """num_train_timesteps beta_start beta_end beta_schedule trained_betas clip_sample set_alpha_to_one
        steps_offset prediction_type thresholding dynamic_thresholding_ratio clip_sample_range sample_max_value
        timestep_spacing rescale_betas_zero_snr""",
}


def configuration(kind):
    if kind == "VisionTextDualEncoderConfig":
        return transformers.VisionTextDualEncoderConfig.from_vision_text_configs(
            transformers.ViTConfig(), transformers.BertConfig())
    return getattr(transformers, kind)()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    here = pathlib.Path(__file__).resolve().parent
    default = here / "../../models/src/test/resources/dev/culebra/models/nn/config_keys.json"
    parser.add_argument("file", nargs="?", type=pathlib.Path, default=default)
    file = parser.parse_args().file
    keys = {}
    for kind in FAMILIES:
        made = configuration(kind)
        fields = {field.name for field in dataclasses.fields(made)}
        keys[made.model_type] = sorted(fields | set(made.to_dict()))
    for kind, names in DIFFUSERS.items():
        keys[kind] = sorted(names.split() + ["_class_name", "_diffusers_version"])
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(f"  {json.dumps(kind)}: {json.dumps(names)}" for kind, names in keys.items())
    file.write_text("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    main()

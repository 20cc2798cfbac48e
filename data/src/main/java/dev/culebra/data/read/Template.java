package dev.culebra.data.read;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** How a dialogue becomes one text: each message is written in turn. */
public enum Template {
  /** {@code role: content} and a line feed. */
  PLAIN {
    @Override
    String render(Message message) {
      return message.role + ": " + message.content + "\n";
    }
  },

  /**
   * OpenAI's Chat Markup Language: {@code <|im_start|>role}, line feed, content, {@code
   * <|im_end|>}, line feed.
   */
  CHATML {
    @Override
    String render(Message message) {
      return "<|im_start|>" + message.role + "\n" + message.content + "<|im_end|>\n";
    }
  };

  /** What one speaker says. */
  record Message(String role, String content) {}

  abstract String render(Message message);

  /** The text of a dialogue. */
  String render(List<Message> dialogue) {
    return dialogue.stream().map(this::render).collect(Collectors.joining());
  }

  /**
   * The template of a name in any case: plain or chatml.
   *
   * @throws BadInputException for any other name
   */
  public static Template named(String name) {
    return Arrays.stream(values())
        .filter(template -> template.name().equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(
            () ->
                new BadInputException(
                    Format.text(
                        "There is no template \"%s\" of dialogues: there are %s",
                        name,
                        Arrays.stream(values())
                            .map(template -> template.name().toLowerCase(Locale.ROOT))
                            .collect(Collectors.joining(", ")))));
  }
}

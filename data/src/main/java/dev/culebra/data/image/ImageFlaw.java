package dev.culebra.data.image;

/** Why a file gives no image; the message goes on after the file's name. */
final class ImageFlaw extends Exception {
  private static final long serialVersionUID = 1;

  ImageFlaw(String message) {
    super(message);
  }

  static ImageFlaw broken(String why) {
    return new ImageFlaw("is a broken image: " + why);
  }

  static ImageFlaw truncated() {
    return broken("it ends too early; fetch it again");
  }
}

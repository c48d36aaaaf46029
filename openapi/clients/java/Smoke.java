// The generated library against a running gateway; UNDERSTUDY_URL, _API_KEY and _CLIP_URL say where.
import io.understudy.client.ApiClient;
import io.understudy.client.ApiException;
import io.understudy.client.api.CharactersApi;
import io.understudy.client.api.GenerationsApi;
import io.understudy.client.model.CharacterRequest;
import io.understudy.client.model.GenerateRequest;
import io.understudy.client.model.Generation;
import java.io.File;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Files;

public final class Smoke {
  public static void main(String[] arguments) throws Exception {
    ApiClient client = new ApiClient();
    client.updateBaseUri(System.getenv("UNDERSTUDY_URL"));
    client.setRequestInterceptor(
        request -> request.header("authorization", "Bearer " + System.getenv("UNDERSTUDY_API_KEY")));
    CharactersApi characters = new CharactersApi(client);
    GenerationsApi generations = new GenerationsApi(client);

    var character =
        characters.createCharacter(
            new CharacterRequest()
                .name("java_" + System.currentTimeMillis())
                .description("a moss troll")
                .videoUrl(URI.create(System.getenv("UNDERSTUDY_CLIP_URL"))));
    Generation made =
        generations.generate(
            new GenerateRequest()
                .prompt("@" + character.getName() + " walks")
                .duration(BigDecimal.valueOf(5))
                .size("320x180"),
            null);
    Generation done = generations.getGeneration(made.getId(), BigDecimal.valueOf(60));
    check(done.getStatus() == Generation.StatusEnum.COMPLETED, "it ended as " + done.getStatus());
    File video = generations.getVideo(done.getId(), null, null, null);
    check(new String(Files.readAllBytes(video.toPath()), 4, 4, "US-ASCII").equals("ftyp"), "this is no MP4");

    check(statusOf(() -> generations.getGeneration("gen_00000000000000000000000000", null)) == 404, "a 404");
    check(statusOf(() -> generations.generate(new GenerateRequest().prompt(""), null)) == 400, "a 400");
    System.out.println("Java: character, generate, wait, download, 404 and validation error are fine");
  }

  private interface Call {
    void run() throws ApiException;
  }

  private static int statusOf(Call call) {
    try {
      call.run();
      return 200;
    } catch (ApiException error) {
      return error.getCode();
    }
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) throw new AssertionError(otherwise);
  }
}

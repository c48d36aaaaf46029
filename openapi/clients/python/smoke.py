"""The generated package against a running gateway; UNDERSTUDY_URL, _API_KEY and _CLIP_URL say where."""

import os
import time

import understudy_client as understudy
from understudy_client.exceptions import ApiException, NotFoundException

configuration = understudy.Configuration(
    host=os.environ["UNDERSTUDY_URL"], access_token=os.environ["UNDERSTUDY_API_KEY"]
)
with understudy.ApiClient(configuration) as client:
    characters = understudy.CharactersApi(client)
    generations = understudy.GenerationsApi(client)

    character = characters.create_character(
        understudy.CharacterRequest(
            name=f"py_{int(time.time() * 1000)}",
            description="a moss troll",
            video_url=os.environ["UNDERSTUDY_CLIP_URL"],
        )
    )
    made = generations.generate(
        understudy.GenerateRequest(prompt=f"@{character.name} walks", duration=5, size="320x180")
    )
    done = generations.get_generation(made.id, wait=60)
    assert done.status == "completed", done
    video = generations.get_video(done.id)
    assert bytes(video)[4:8] == b"ftyp", bytes(video)[:16]

    try:
        generations.get_generation("gen_00000000000000000000000000")
        raise AssertionError("an unknown generation was found")
    except NotFoundException as error:
        assert '"code":"not_found"' in error.body, error.body
    try:
        generations.generate(understudy.GenerateRequest(prompt="@nobody_at_all walks"))
        raise AssertionError("an unknown character was taken")
    except ApiException as error:
        assert error.status == 422, error.body
    try:
        generations.generate(understudy.GenerateRequest(prompt="a", model="not a model"))
        raise AssertionError("a bad model was taken")
    except (ApiException, ValueError) as error:
        assert getattr(error, "status", 400) == 400, error

print("Python: character, generate, wait, download, 404 and validation error are fine")

// The generated module against a running gateway; UNDERSTUDY_URL, _API_KEY and _CLIP_URL say where.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	understudy "github.com/understudy/client"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("Go: character, generate, wait, download, 404 and validation error are fine")
}

func run() error {
	configuration := understudy.NewConfiguration()
	configuration.Servers = understudy.ServerConfigurations{{URL: os.Getenv("UNDERSTUDY_URL")}}
	client := understudy.NewAPIClient(configuration)
	ctx := context.WithValue(context.Background(), understudy.ContextAccessToken, os.Getenv("UNDERSTUDY_API_KEY"))

	asked := understudy.NewCharacterRequest(fmt.Sprintf("go_%d", time.Now().UnixMilli()))
	asked.SetDescription("a moss troll")
	asked.SetVideoUrl(os.Getenv("UNDERSTUDY_CLIP_URL"))
	character, _, err := client.CharactersAPI.CreateCharacter(ctx).CharacterRequest(*asked).Execute()
	if err != nil {
		return fmt.Errorf("character: %w", err)
	}

	request := understudy.NewGenerateRequest("@" + character.Name + " walks")
	request.SetDuration(5)
	request.SetSize("320x180")
	made, _, err := client.GenerationsAPI.Generate(ctx).GenerateRequest(*request).Execute()
	if err != nil {
		return fmt.Errorf("generate: %w", err)
	}
	done, _, err := client.GenerationsAPI.GetGeneration(ctx, made.Id).Wait(60).Execute()
	if err != nil {
		return fmt.Errorf("wait: %w", err)
	}
	if done.Status != "completed" {
		return fmt.Errorf("it ended as %s", done.Status)
	}
	video, _, err := client.GenerationsAPI.GetVideo(ctx, done.Id).Execute()
	if err != nil {
		return fmt.Errorf("download: %w", err)
	}
	bytes, err := io.ReadAll(video)
	if err != nil || len(bytes) < 8 || string(bytes[4:8]) != "ftyp" {
		return fmt.Errorf("this is no MP4: %v", err)
	}

	_, answer, err := client.GenerationsAPI.GetGeneration(ctx, "gen_00000000000000000000000000").Execute()
	if err == nil || answer.StatusCode != 404 {
		return fmt.Errorf("an unknown generation: %w", err)
	}
	_, answer, err = client.GenerationsAPI.Generate(ctx).GenerateRequest(*understudy.NewGenerateRequest("")).Execute()
	var problem *understudy.GenericOpenAPIError
	if !errors.As(err, &problem) || answer.StatusCode != 400 || !strings.Contains(string(problem.Body()), `"/prompt"`) {
		return fmt.Errorf("an empty prompt: %w", err)
	}
	return nil
}

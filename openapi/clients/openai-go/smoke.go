// The openai-go module with only its base URL changed. OPENAI_BASE_URL and OPENAI_API_KEY are read by the module itself.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
)

const module = "github.com/openai/openai-go/v3"

func main() {
	done, err := run()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("%s openai-go %s: %s are fine\n", runtime.Version(), version(), strings.Join(done, ", "))
}

func version() string {
	info, _ := debug.ReadBuildInfo()
	for _, each := range info.Deps {
		if each.Path == module {
			return each.Version
		}
	}
	return "of an unknown version"
}

func run() ([]string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	client := openai.NewClient(option.WithMaxRetries(0))
	order := openai.VideoNewParams{Prompt: "paper boat in rain", Model: "sora-2", Seconds: "4", Size: "320x180"}

	video, err := client.Videos.New(ctx, order)
	if err != nil {
		return nil, fmt.Errorf("create: %w", err)
	}
	if err := finished(ctx, client, video.ID); err != nil {
		return nil, err
	}
	content, err := client.Videos.DownloadContent(ctx, video.ID, openai.VideoDownloadContentParams{})
	if err != nil {
		return nil, fmt.Errorf("download: %w", err)
	}
	defer content.Body.Close()
	bytes, err := io.ReadAll(content.Body)
	if err != nil || len(bytes) < 8 || string(bytes[4:8]) != "ftyp" {
		return nil, fmt.Errorf("this is no MP4: %v", err)
	}

	clip, err := http.Get(os.Getenv("UNDERSTUDY_CLIP_URL"))
	if err != nil {
		return nil, fmt.Errorf("clip: %w", err)
	}
	defer clip.Body.Close()
	shown := order
	shown.InputReference = openai.VideoNewParamsInputReferenceUnion{OfFile: openai.File(clip.Body, "mossy.mp4", "video/mp4")}
	like, err := client.Videos.New(ctx, shown)
	if err != nil {
		return nil, fmt.Errorf("create with a file: %w", err)
	}
	if err := finished(ctx, client, like.ID); err != nil {
		return nil, err
	}

	remix, err := client.Videos.Remix(ctx, video.ID, openai.VideoRemixParams{Prompt: "at dusk"})
	if err != nil {
		return nil, fmt.Errorf("remix: %w", err)
	}
	if err := finished(ctx, client, remix.ID); err != nil {
		return nil, err
	}

	pages := client.Videos.ListAutoPaging(ctx, openai.VideoListParams{Limit: openai.Int(1)})
	seen := map[string]bool{}
	for pages.Next() {
		seen[pages.Current().ID] = true
	}
	if pages.Err() != nil || !seen[video.ID] || !seen[remix.ID] {
		return nil, fmt.Errorf("list: %v, %w", seen, pages.Err())
	}

	_, err = client.Videos.New(ctx, openai.VideoNewParams{Prompt: ""})
	var answered *openai.Error
	if !errors.As(err, &answered) || answered.StatusCode != 400 || answered.Type != "invalid_request_error" {
		return nil, fmt.Errorf("an empty prompt: %w", err)
	}
	deleted, err := client.Videos.Delete(ctx, video.ID)
	if err != nil || !deleted.Deleted {
		return nil, fmt.Errorf("delete: %w", err)
	}
	if _, err = client.Videos.Get(ctx, video.ID); !errors.As(err, &answered) || answered.StatusCode != 404 {
		return nil, fmt.Errorf("a deleted video: %w", err)
	}
	return []string{"New", "Get", "DownloadContent", "New with a file", "Remix", "ListAutoPaging", "errors", "Delete"}, nil
}

func finished(ctx context.Context, client openai.Client, id string) error {
	for {
		video, err := client.Videos.Get(ctx, id)
		if err != nil {
			return fmt.Errorf("get: %w", err)
		}
		switch video.Status {
		case openai.VideoStatusCompleted:
			return nil
		case openai.VideoStatusFailed:
			return fmt.Errorf("%s failed: %s", id, video.Error.Message)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

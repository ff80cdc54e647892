package meshtest

import (
	"embed"
	"io/fs"
	"strings"
)

// recordings are bundles of small meshes, each recorded while real traffic ran
// through a real data plane, and beside each what is true of it.
//
//go:embed recordings
var recordings embed.FS

// Recordings lists the names of the recorded bundles: "clean" has nothing
// wrong, the others are called after the fault in them.
func Recordings() []string {
	files, err := fs.Glob(recordings, "recordings/*.tar.gz")
	if err != nil {
		panic(err)
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(strings.TrimPrefix(f, "recordings/"), ".tar.gz")
	}
	return files
}

// Recording is a recorded bundle as a .tar.gz archive. It panics for a name
// that is none of Recordings.
func Recording(name string) []byte { return readRecording(name + ".tar.gz") }

// Expectation is what is true of a recording, as JSON: "expect" are the
// findings a right diagnosis names, "calls" are calls that were made right
// after the recording with the answers they got. It panics for a name that is
// none of Recordings.
func Expectation(name string) []byte { return readRecording(name + ".expect.json") }

func readRecording(file string) []byte {
	raw, err := recordings.ReadFile("recordings/" + file)
	if err != nil {
		panic("meshtest: there is no recording " + file)
	}
	return raw
}

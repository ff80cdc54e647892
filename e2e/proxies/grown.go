package proxies

import (
	"encoding/json"
	"fmt"
	"testing"
)

// Grown is a ztunnel's dump with as many workloads and a fifth as many services as a mesh of that size has: each is a copy
// of a recorded one under another name and address.
func Grown(t testing.TB, dump []byte, workloads int) []byte {
	t.Helper()
	var content map[string]any
	if err := json.Unmarshal(dump, &content); err != nil {
		t.Fatal(err)
	}
	for part, size := range map[string]int{"workloads": workloads, "services": workloads / 5} {
		recorded, ok := content[part].([]any)
		if !ok {
			t.Fatalf("the dump has no list of %s", part)
		}
		grown := make([]any, size)
		for i := range grown {
			grown[i] = copyOf(recorded[i%len(recorded)], i)
		}
		content[part] = grown
	}
	// As ztunnel writes it.
	text, err := json.MarshalIndent(content, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// copyOf makes an entry another one.
func copyOf(entry any, number int) any {
	fields, _ := entry.(map[string]any)
	out := make(map[string]any, len(fields))
	for key, value := range fields {
		switch key {
		case "name", "uid", "hostname":
			value = fmt.Sprintf("%v-%d", value, number)
		case "workloadIps":
			value = []string{fmt.Sprintf("10.%d.%d.%d", 64+number>>16, number>>8&0xff, number&0xff)}
		case "vips":
			value = []string{fmt.Sprintf("/10.%d.%d.%d", 128+number>>16, number>>8&0xff, number&0xff)}
		}
		out[key] = value
	}
	return out
}

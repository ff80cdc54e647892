package bundle_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"github.com/waylight/waylight/collectors/bundle"
)

const okManifest = `{"format":"waylight.bundle/v1","recordedAt":"2026-11-23T08:00:00Z","sources":[{"name":"kubernetes","state":"ok"}]}`

// entry is one entry of an archive made for a test.
type entry struct {
	header  tar.Header
	content string
}

func file(name, content string) entry {
	return entry{tar.Header{Name: name, Typeflag: tar.TypeReg, Size: int64(len(content)), Mode: 0o644}, content}
}

func special(name string, typeflag byte) entry {
	return entry{header: tar.Header{Name: name, Typeflag: typeflag, Linkname: "/etc/passwd"}}
}

func tarOf(tb testing.TB, entries ...entry) []byte {
	tb.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, e := range entries {
		if err := w.WriteHeader(&e.header); err != nil {
			tb.Fatal(err)
		}
		if _, err := io.WriteString(w, e.content); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

// zipped is plain as gzip has it without compressing, squeezed with.
func zipped(tb testing.TB, plain []byte) []byte {
	tb.Helper()
	return gzipped(tb, plain, gzip.NoCompression)
}

func squeezed(tb testing.TB, plain []byte) []byte {
	tb.Helper()
	return gzipped(tb, plain, gzip.BestSpeed)
}

func gzipped(tb testing.TB, plain []byte, level int) []byte {
	tb.Helper()
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, level)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := w.Write(plain); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func archiveOf(tb testing.TB, entries ...entry) []byte {
	tb.Helper()
	return zipped(tb, tarOf(tb, entries...))
}

func TestHostileArchives(t *testing.T) {
	manifest := file("manifest.json", okManifest)
	whole := squeezed(t, tarOf(t, manifest, file("a", strings.Repeat("abcdefgh", 1000))))
	tests := []struct {
		name string
		raw  []byte
		want string
	}{
		{"a path outside", archiveOf(t, manifest, file("../evil", "")), "leads outside"},
		{"a path that goes out and in again", archiveOf(t, manifest, file("objects/../../evil", "")), "leads outside"},
		{"an absolute path", archiveOf(t, manifest, file("/etc/passwd", "")), "no path inside"},
		{"a path of another system", archiveOf(t, manifest, file(`objects\..\..\evil`, "")), "no path inside"},
		{"a drive", archiveOf(t, manifest, file("C:evil", "")), "no path inside"},
		{"a folder outside", archiveOf(t, manifest, special("../", tar.TypeDir)), "leads outside"},
		{"a path with nothing between slashes", archiveOf(t, manifest, file("objects//pods.json", "")), "leads outside"},
		{"a path that colours the terminal", archiveOf(t, manifest, file("objects/\x1b[31m.json", "")), "no file name needs"},
		{"a path that is no text", archiveOf(t, manifest, file("objects/\xff.json", "")), "no file name needs"},
		{"a path that is too long", archiveOf(t, manifest, file("objects/"+strings.Repeat("x", 700), "")), "too long"},
		{"a symbolic link", archiveOf(t, manifest, special("objects/pods.json", tar.TypeSymlink)), "is a link"},
		{"a hard link", archiveOf(t, manifest, special("objects/pods.json", tar.TypeLink)), "is a link"},
		{"a device", archiveOf(t, manifest, special("objects/pods.json", tar.TypeBlock)), "no plain file"},
		{"a pipe", archiveOf(t, manifest, special("objects/pods.json", tar.TypeFifo)), "no plain file"},
		{"the same path twice", archiveOf(t, manifest, file("objects/pods.json", ""), file("./objects/pods.json", "")), "twice"},
		{"the manifest twice", archiveOf(t, manifest, manifest), "twice"},
		{"nothing but size", squeezed(t, append(tarOf(t, manifest, file("big", strings.Repeat("\x00", 24<<20))), 0)), "times its size"},
		{"nothing but size inside a header", squeezed(t, bytes.Repeat([]byte{'x'}, 24<<20)), "damaged"},
		{"something after its end", zipped(t, append(tarOf(t, manifest), bytes.Repeat([]byte{1}, 2<<20)...)), "follows its end"},
		{"a file that claims to be larger than any is", zipped(t, hugeHeader(t)), "larger than"},
		{"cut off at the front", whole[:5], "cut off"},
		{"cut off in the middle", whole[:len(whole)/2], "cut off"},
		{"cut off just before its end", whole[:len(whole)-4], "cut off"},
		{"damaged in the middle", flipped(whole, len(whole)/2), ""},
		{"damaged at its checksum", flipped(whole, len(whole)-6), "damaged"},
		{"empty", nil, "cut off"},
		{"no archive", []byte("hello, this is no archive"), "no .tar.gz"},
		{"no tar inside", zipped(t, []byte(strings.Repeat("hello", 200))), "damaged"},
		{"without a manifest", archiveOf(t, file("objects/pods.json", "{}")), "no manifest.json"},
		{"empty, but well formed", archiveOf(t), "no manifest.json"},
		{"two bundles in one", archiveOf(t, file("a/manifest.json", okManifest), file("b/manifest.json", okManifest)), "no manifest.json"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b, err := bundle.OpenArchive(bytes.NewReader(tt.raw))
			if err == nil {
				t.Fatalf("it was opened: %v", b.Files())
			}
			if !strings.Contains(err.Error(), tt.want) || strings.ContainsAny(err.Error(), "\n\x1b\x00") {
				t.Errorf("the error is %q, want one clean line with %q", err, tt.want)
			}
		})
	}
}

// hugeHeader is an archive with the header of a file that is not there.
func hugeHeader(tb testing.TB) []byte {
	tb.Helper()
	var out bytes.Buffer
	header := tar.Header{Name: "big", Typeflag: tar.TypeReg, Size: 1 << 50, Format: tar.FormatPAX}
	if err := tar.NewWriter(&out).WriteHeader(&header); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func flipped(raw []byte, at int) []byte {
	out := bytes.Clone(raw)
	out[at] ^= 0xff
	return out
}

// TestSparseFiles builds by hand what archive/tar reads as a million bytes that
// are not in the archive.
func TestSparseFiles(t *testing.T) {
	const pax = "22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n32 GNU.sparse.name=objects/a.js\n31 GNU.sparse.realsize=1000000\n"
	raw := tarOf(t, file("manifest.json", okManifest))
	raw = append(raw[:len(raw)-1024], paxFile(t, pax, "0\n")...)
	_, err := bundle.OpenArchive(bytes.NewReader(zipped(t, raw)))
	if err == nil || !strings.Contains(err.Error(), "sparse") {
		t.Errorf("the error is %v, want one about a sparse file", err)
	}
}

// paxFile is a file with a hand-made extended header.
func paxFile(tb testing.TB, records, content string) []byte {
	tb.Helper()
	content += strings.Repeat("\x00", 512-len(content))
	extended := tarOf(tb, entry{tar.Header{Name: "PaxHeaders/a", Typeflag: tar.TypeReg, Size: int64(len(records))}, records}, file("a", content))
	extended[156] = tar.TypeXHeader
	sum := 0
	copy(extended[148:156], "        ")
	for _, b := range extended[:512] {
		sum += int(b)
	}
	copy(extended[148:156], []byte{byte('0' + sum>>15&7), byte('0' + sum>>12&7), byte('0' + sum>>9&7), byte('0' + sum>>6&7), byte('0' + sum>>3&7), byte('0' + sum&7), 0, ' '})
	return extended
}

func TestHarmlessArchives(t *testing.T) {
	manifest, pods := file("manifest.json", okManifest), file("objects/pods.json", "{}")
	global := entry{header: tar.Header{Typeflag: tar.TypeXGlobalHeader, PAXRecords: map[string]string{"comment": "x"}}}
	tests := []struct {
		name string
		raw  []byte
	}{
		{"plain", archiveOf(t, manifest, pods)},
		{"in any order", archiveOf(t, pods, manifest)},
		{"made inside the folder", archiveOf(t, special("./", tar.TypeDir), special("./objects/", tar.TypeDir), file("./objects/pods.json", "{}"), file("./manifest.json", okManifest))},
		{"made outside the folder", archiveOf(t, special("mine/", tar.TypeDir), file("mine/manifest.json", okManifest), file("mine/objects/pods.json", "{}"))},
		{"made by git", archiveOf(t, global, manifest, pods)},
		{"small and full of repetition", squeezed(t, tarOf(t, manifest, pods, file("logs/a/b/c.log", strings.Repeat("same\n", 1<<20))))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b, err := bundle.OpenArchive(bytes.NewReader(tt.raw))
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			f, ok := b.File("objects/pods.json")
			if !ok || f.Source != "kubernetes" || read(t, f) != "{}" {
				t.Errorf("objects/pods.json: %v %+v", ok, f)
			}
		})
	}
}

func read(t *testing.T, f bundle.File) string {
	t.Helper()
	r, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	raw, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// TestLargeArchives go through a temporary file.
func TestLargeArchives(t *testing.T) {
	a, c := strings.Repeat("one line of a log\n", 1<<20), strings.Repeat("another line of it\n", 1<<20)
	b, err := bundle.OpenArchive(bytes.NewReader(archiveOf(t, file("manifest.json", okManifest), file("a", a), file("b", "between"), file("c", c))))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"a": a, "b": "between", "c": c} {
		f, _ := b.File(path)
		if read(t, f) != want || f.Size != int64(len(want)) {
			t.Errorf("%s is not what it was", path)
		}
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if f, _ := b.File("b"); f.Path != "" {
		if r, err := f.Open(); err == nil {
			if _, err := io.ReadAll(r); err == nil {
				t.Error("a file can be read after Close")
			}
		}
	}
}

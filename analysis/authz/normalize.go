package authz

import "strings"

// PathRules are how a waypoint tidies paths before anything compares them.
type PathRules struct {
	// Normalize resolves "." and ".." and makes slashes of backslashes, MergeSlashes
	// makes one of several.
	Normalize, MergeSlashes bool
}

// DefaultPathRules are Istio's, where meshConfig.pathNormalization says nothing.
var DefaultPathRules = PathRules{Normalize: true}

// Tidy is the path as it is compared; its query stays as it is.
func (n PathRules) Tidy(path string) string {
	path, query, has := strings.Cut(path, "?")
	if n.Normalize && strings.HasPrefix(path, "/") {
		path = resolved(path)
	}
	for n.MergeSlashes && strings.Contains(path, "//") {
		path = strings.ReplaceAll(path, "//", "/")
	}
	if has {
		return path + "?" + query
	}
	return path
}

// resolved takes dot segments out as RFC 3986 does, 5.2.4; a dot may be encoded.
func resolved(path string) string {
	if !strings.ContainsAny(path, `.\`) && !strings.Contains(strings.ToLower(path), "%2e") {
		return path
	}
	segments := strings.Split(strings.ReplaceAll(path, `\`, "/"), "/")[1:]
	out := make([]string, 0, len(segments))
	for i, s := range segments {
		last := i == len(segments)-1
		switch dots(s) {
		case 1:
		case 2:
			out = out[:max(len(out)-1, 0)]
		default:
			out = append(out, s)
			continue
		}
		if last {
			out = append(out, "") // what ends in a dot segment ends in a slash
		}
	}
	return "/" + strings.Join(out, "/")
}

// dots is 1 for the segment ".", 2 for "..", 0 for any other.
func dots(segment string) int {
	switch strings.ReplaceAll(strings.ToLower(segment), "%2e", ".") {
	case ".":
		return 1
	case "..":
		return 2
	}
	return 0
}

// tidied is a request with its path tidied.
func (n PathRules) tidied(r *Request) *Request {
	path := n.Tidy(r.Path)
	if path == r.Path {
		return r
	}
	out := *r
	out.Path = path
	return &out
}

package istiod

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/waylight/waylight/collectors/jsonstream"
	"github.com/waylight/waylight/mesh"
)

const (
	// MaxSize bounds an answer: 20,000 proxies make some 30 MB.
	MaxSize = 128 << 20
	// maxProxies bounds how many proxies one istiod has.
	maxProxies = 200_000
	// maxEntry bounds one proxy, which takes some kilobytes: more where it
	// rejected something at length.
	maxEntry = 1 << 20
)

// ErrTooLarge says that an answer is beyond MaxSize, or has more proxies than
// an istiod can have.
var ErrTooLarge = errors.New("the answer is larger than any mesh Waylight is made for")

// Decode reads the answer of the istiod in a pod at a moment. An entry of the
// wrong shape costs that entry and is counted; the error is about the answer as
// a whole.
func Decode(r io.Reader, pod mesh.Ref, at time.Time) (*mesh.SyncEvidence, error) {
	out := &mesh.SyncEvidence{Meta: mesh.Meta{Kind: mesh.KindSyncEvidence, Name: pod.Name}, At: at}
	err := decode(jsonstream.NewDecoder(r, jsonstream.Limits{Size: MaxSize, Held: maxEntry, TooLarge: ErrTooLarge}), maxProxies, out)
	if errors.Is(err, ErrTooLarge) {
		err = ErrTooLarge // without where in the stream that was
	}
	if err != nil {
		return nil, fmt.Errorf("syncz: %w", err)
	}
	slices.SortFunc(out.Proxies, func(a, b mesh.ProxySync) int { return a.Proxy.Compare(b.Proxy) })
	return out, nil
}

// decode walks the list of at most so many proxies; an istiod without proxies may answer null.
func decode(dec *jsontext.Decoder, most int, out *mesh.SyncEvidence) error {
	token, err := dec.ReadToken()
	if err != nil {
		return err
	}
	switch token.Kind() {
	case 'n':
		return nil
	case '[':
	default:
		return fmt.Errorf("it begins with %s and not with a list", token.Kind())
	}
	for dec.PeekKind() != ']' {
		value, err := dec.ReadValue()
		if err != nil {
			return err
		}
		if len(out.Proxies)+out.Skipped >= most {
			return ErrTooLarge
		}
		var raw rawSync
		if json.Unmarshal(value, &raw, jsonstream.Options) != nil || raw.Proxy == "" {
			out.Skipped++
			continue
		}
		out.Proxies = append(out.Proxies, raw.proxy())
	}
	_, err = dec.ReadToken()
	return err
}

// proxy joins the forms of an entry. Its name is POD.NAMESPACE, and a pod's
// name may have dots where a namespace's may not.
func (raw *rawSync) proxy() mesh.ProxySync {
	p := mesh.ProxySync{
		Proxy: mesh.Ref{Kind: "Pod", Name: raw.Proxy}, Type: raw.ProxyType, ClusterID: raw.ClusterID,
		IstioVersion: raw.IstioVersion, Types: raw.types(),
	}
	if i := strings.LastIndexByte(raw.Proxy, '.'); i > 0 {
		p.Proxy.Name, p.Proxy.Namespace = raw.Proxy[:i], raw.Proxy[i+1:]
	}
	if p.IstioVersion == "" {
		p.IstioVersion = raw.ProxyVersion
	}
	if p.IstioVersion == "unknown" { // what a proxy says that was built without one
		p.IstioVersion = ""
	}
	return p
}

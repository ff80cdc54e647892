package kubelet

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// logOptions are the parameters of PodLogOptions that the kubelet is asked with.
type logOptions struct {
	follow, previous, timestamps bool
	tail                         int // negative for all
	since                        time.Time
	limit                        int // in bytes; negative for none
}

func (k *Kubelet) containerLogs(w http.ResponseWriter, r *http.Request) {
	pod, err := k.pod(r.PathValue("namespace"), r.PathValue("pod"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	name := r.PathValue("container")
	log, ok := pod.Containers[name]
	if !ok {
		http.Error(w, fmt.Sprintf("container %q not found in pod %q", name, r.PathValue("pod")), http.StatusNotFound)
		return
	}
	options, err := parseLogOptions(r.URL.Query())
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	reader := log.open(options.previous, options.tail)
	if reader == nil {
		http.Error(w, fmt.Sprintf("previous terminated container %q in pod %q not found", name, r.PathValue("pod")), http.StatusBadRequest)
		return
	}
	k.send(w, r, reader, options)
}

// send writes lines until there is none left, or while they come for who follows.
func (k *Kubelet) send(w http.ResponseWriter, r *http.Request, from *reader, options logOptions) {
	defer from.close()
	flush := http.NewResponseController(w).Flush
	for {
		now := from.read()
		if now.cut {
			panic(http.ErrAbortHandler) // closes the connection without the end of the answer
		}
		more := options.write(w, now)
		if flush() != nil || !more || now.ended || !options.follow {
			return
		}
		if now.torn {
			panic(http.ErrAbortHandler)
		}
		select {
		case <-now.changed:
		case <-r.Context().Done():
			return
		case <-k.done:
			return
		}
	}
}

// chunk is about how many bytes are written at once.
const chunk = 32 << 10

// write sends lines, the last one only by half if they are torn, and says whether there may be more.
func (o *logOptions) write(w http.ResponseWriter, found state) bool {
	text := make([]byte, 0, chunk+chunk/4)
	start := 0 // of the last line
	for line := range found.lines {
		if line.at.Before(o.since) {
			continue
		}
		if len(text) > chunk {
			if !o.send(w, text) {
				return false
			}
			text = text[:0]
		}
		start = len(text)
		text = o.append(text, line)
	}
	if found.torn {
		text = text[:(start+len(text))/2]
	}
	return o.send(w, text)
}

// append adds a line as it goes over the wire.
func (o *logOptions) append(text []byte, line line) []byte {
	if o.timestamps {
		text = append(line.at.UTC().AppendFormat(text, time.RFC3339Nano), ' ')
	}
	return append(append(text, line.text...), '\n')
}

// send writes as much as is allowed, and says whether there may be more.
func (o *logOptions) send(w http.ResponseWriter, text []byte) bool {
	if o.limit >= 0 {
		text = text[:min(o.limit, len(text))]
		o.limit -= len(text)
	}
	_, err := w.Write(text)
	return err == nil && o.limit != 0
}

func parseLogOptions(query url.Values) (logOptions, error) {
	options := logOptions{tail: -1, limit: -1}
	var err error
	flag := func(name string) bool {
		on, wrong := strconv.ParseBool(query.Get(name))
		if wrong != nil && query.Has(name) {
			err = wrong
		}
		return on
	}
	number := func(name string, otherwise int) int {
		if !query.Has(name) {
			return otherwise
		}
		n, wrong := strconv.Atoi(query.Get(name))
		if wrong != nil {
			err = wrong
		}
		return n
	}
	options.follow, options.previous, options.timestamps = flag("follow"), flag("previous"), flag("timestamps")
	options.tail, options.limit = number("tailLines", options.tail), number("limitBytes", options.limit)
	if seconds := number("sinceSeconds", 0); seconds > 0 {
		options.since = time.Now().Add(-time.Duration(seconds) * time.Second)
	}
	if query.Has("sinceTime") {
		at, wrong := time.Parse(time.RFC3339, query.Get("sinceTime"))
		if wrong != nil {
			err = wrong
		}
		options.since = at
	}
	return options, err
}

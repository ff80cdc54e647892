package kube

import (
	"context"
	"errors"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"

	"github.com/waylight/waylight/collectors"
)

// Pace of the reads of a Namespace that can be read but not watched.
const (
	namespacePoll = 15 * time.Second
	// pollsPerWatch is after how many reads the right to watch is tried again.
	pollsPerWatch = 8
)

// errListFirst sends a Reflector from a streamed list to a plain one.
var errListFirst = errors.New("this namespace cannot be streamed")

// singleNamespace is the Namespace object of one namespace of a scope.
//
// A list narrowed to one name needs a right on Namespaces in the whole cluster,
// if only on that name, whereas a role bound in the namespace itself is enough
// to get it. So where the list is denied the object is read again and again,
// which to the Reflector looks like any list and watch.
type singleNamespace struct {
	collection

	name string
}

// newSingleNamespace narrows the collection of Namespaces to one of them.
func newSingleNamespace(all collection, name string) *singleNamespace {
	all.namespace, all.fields = "", "metadata.name="+name
	return &singleNamespace{collection: all, name: name}
}

func (n *singleNamespace) list(ctx context.Context, opts metav1.ListOptions) (runtime.Object, error) {
	out, err := n.collection.list(ctx, opts)
	if !isDenied(err) {
		return out, err
	}
	object, err := n.get(ctx)
	if err != nil {
		return nil, err
	}
	list := &corev1.NamespaceList{ListMeta: metav1.ListMeta{ResourceVersion: versionOf(object)}}
	if object != nil {
		list.Items = []corev1.Namespace{*object}
	}
	return list, nil
}

func (n *singleNamespace) watch(ctx context.Context, opts metav1.ListOptions) (watch.Interface, error) {
	stream, err := n.collection.watch(ctx, opts)
	switch {
	case !isDenied(err):
		return stream, err
	case beginsWithObjects(opts):
		return nil, errListFirst
	}
	object, err := n.get(ctx)
	if err != nil {
		return nil, err
	}
	events := make(chan watch.Event)
	out := watch.NewProxyWatcher(events)
	go func() {
		defer close(events)
		n.poll(ctx, opts.ResourceVersion, object, func(e watch.Event) bool {
			select {
			case events <- e:
				return true
			case <-out.StopChan():
			case <-ctx.Done():
			}
			return false
		})
	}()
	return out, nil
}

// poll reads the Namespace a number of times and sends what changed since a
// version. It ends early when it cannot be read any more.
func (n *singleNamespace) poll(ctx context.Context, version string, object *corev1.Namespace, send func(watch.Event) bool) {
	last := object
	for range pollsPerWatch {
		if e, changed := changeSince(version, last, object); changed && !send(e) {
			return
		}
		version, last = versionOf(object), object
		if !collectors.Sleep(ctx, namespacePoll) {
			return
		}
		next, err := n.get(ctx)
		if err != nil {
			return
		}
		object = next
	}
}

// changeSince is the event that leads from a version to an object, which is nil
// if the Namespace does not exist. last is needed to say what was deleted.
func changeSince(version string, last, object *corev1.Namespace) (watch.Event, bool) {
	switch {
	case versionOf(object) == version:
		return watch.Event{}, false
	case object != nil:
		return watch.Event{Type: watch.Modified, Object: object}, true
	case last != nil:
		return watch.Event{Type: watch.Deleted, Object: last}, true
	}
	return watch.Event{}, false
}

// noVersion stands for a Namespace that does not exist.
const noVersion = "0"

func versionOf(n *corev1.Namespace) string {
	if n == nil {
		return noVersion
	}
	return n.ResourceVersion
}

// get reads the Namespace; nil if there is none.
func (n *singleNamespace) get(ctx context.Context) (*corev1.Namespace, error) {
	ctx, cancel := context.WithTimeout(ctx, n.timeout)
	defer cancel()
	out := &corev1.Namespace{}
	err := n.rest.Get().Resource(n.plural).Name(n.name).Do(ctx).Into(out)
	if apierrors.IsNotFound(err) {
		return nil, nil //nolint:nilnil // that there is none is an answer, not an error
	}
	if err != nil {
		return nil, asDenied("get", err)
	}
	return out, nil
}

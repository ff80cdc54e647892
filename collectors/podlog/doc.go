// Package podlog reads what containers write. A Hub follows each container
// once, however many readers it has, and each reader merges those it asked for
// into one Stream by time.
//
// A container is known by its container ID: a restart is another log, and the
// rest of the one before is read first. Whatever is cut off on the way is read
// again from the second of the last line that was had, and what was had is
// skipped, so that no line is lost and none comes twice; a line that stops in
// the middle is read anew. A log that does not have the last line any more was
// rotated, or is that of a restart that the kubelet has not reported; the run
// before tells which. What nobody can read any more is told as a gap.
//
// Lines wait in one ring for each container, and each reader has only its place
// in it: who is slow costs neither memory nor others their speed, and is told how
// many lines were taken away before its place.
package podlog

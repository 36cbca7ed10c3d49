package uiapp

import (
	"crypto/ecdh"
	"errors"

	"inkan/core/jpki/application"
	"inkan/core/wire"
)

// saveVersion begins what Save gives.
const saveVersion = 2

// maxSaved bounds what a saved part holds, in bytes.
const maxSaved = 65535

// Save is the task, the instance and what the service has not heard, for a new process: secret, it has the reply key
// and the code. Layout: version(1) step(1) instance(16) owed(16), and of a step other than idle
// code(12) key(LV) application(LV2) message(LV2) reply(LV2). Spec: SPEC-HANDSET-124.
func (a *App) Save() ([]byte, error) {
	t := &a.task
	out := append(append([]byte{saveVersion, byte(t.step)}, a.Instance[:]...), a.owed[:]...)
	if t.step == Idle {
		return out, nil
	}
	if t.step == Opened {
		return nil, errors.New("uiapp: an application that is not complete is not saved")
	}
	der, err := t.app.Append(nil)
	if err != nil {
		return nil, err
	}
	out = append(out, t.code[:]...)
	out = append(append(out, byte(len(t.key))), t.key...)
	for _, part := range [][]byte{der, t.message, t.reply} {
		if len(part) > maxSaved {
			return nil, errors.New("uiapp: a part of the task is too long to be saved")
		}
		out = append(append(out, byte(len(part)>>8), byte(len(part))), part...)
	}
	return out, nil
}

// Restore takes what Save gave. Errors are *wire.DecodeError; the app is as it was then.
// Spec: SPEC-HANDSET-124.
func (a *App) Restore(saved []byte) error {
	r := wire.NewReader("saved task", saved)
	if v := r.Byte("version"); r.Err() == nil && v != saveVersion {
		r.FailAt(0, "version", "02", "another")
	}
	var t task
	var instance, owed ID
	if t.step = Step(r.Byte("step")); r.Err() == nil && (t.step > Replied || t.step == Opened) {
		r.FailAt(1, "step", "00, or 02 to 06", "another")
	}
	copy(instance[:], r.Bytes(len(instance), "instance"))
	copy(owed[:], r.Bytes(len(owed), "owed"))
	if t.step != Idle {
		t.read(&r)
	}
	if err := r.End(); err != nil {
		t.wipe()
		return err
	}
	a.task.wipe()
	a.task, a.Instance, a.owed = t, instance, owed
	return nil
}

// read reads the rest of a task that is not idle.
func (t *task) read(r *wire.Reader) {
	copy(t.code[:], r.Bytes(len(t.code), "code"))
	at := r.Offset()
	t.key = append([]byte(nil), r.LV("key")...)
	der := lv2(r, "application")
	t.message = append([]byte(nil), lv2(r, "message")...)
	t.reply = append([]byte(nil), lv2(r, "reply")...)
	if r.Err() != nil {
		return
	}
	app, err := application.Parse(der)
	if err != nil {
		r.Fail("application", "an application", "something else")
		return
	}
	t.app = *app
	switch needs := t.app.Purpose.Issues() || t.app.Purpose == application.PINReset; {
	case needs != (len(t.key) > 0):
		r.FailAt(at, "key", "the reply key of the purpose", "none, or one too many")
	case needs && !t.owns():
		r.FailAt(at, "key", "that of the application", "another one")
	case t.app.Purpose.Issues() && t.step >= Signed && t.app.CheckCode(t.code) != nil:
		r.FailAt(at, "code", "that of the application", "another one")
	case t.step >= Signed && len(t.message) == 0:
		r.Fail("message", "the signed application", "none")
	case (t.step == Replied) != (len(t.reply) > 0):
		r.Fail("reply", "one in the step replied", "none, or one too many")
	}
}

// owns tells whether the key is that of the application's reply key.
func (t *task) owns() bool {
	key, err := ecdh.P256().NewPrivateKey(t.key)
	return err == nil && string(key.PublicKey().Bytes()) == string(t.app.ReplyKey[:])
}

func lv2(r *wire.Reader, path string) []byte { return r.Bytes(int(r.Uint16(path)), path) }

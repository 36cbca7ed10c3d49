package uiapp

import (
	"strings"

	"inkan/core/jpki/application"
)

// Key names a text of the catalogue.
type Key string

// Texts.
const (
	KeyCodeSent      Key = "code-sent"
	KeyCode          Key = "code"
	KeyReview        Key = "review"
	KeySubmitted     Key = "submitted"
	KeyChecking      Key = "checking"
	KeyPreparing     Key = "preparing"
	KeyLoading       Key = "loading"
	KeyPersonalising Key = "personalising"
	KeyActivating    Key = "activating"
	KeyErasing       Key = "erasing"
	KeyChoosePIN     Key = "choose-pin"
	KeyPINSet        Key = "pin-set"
	KeyReportLater   Key = "report-later"
	KeyPINChanged    Key = "pin-changed"
	KeyLogin         Key = "login"
	KeyLoggedIn      Key = "logged-in"
	KeyTouch         Key = "touch"
	KeyValid         Key = "valid"
	KeyExpiresSoon   Key = "expires-soon"
	KeyExpired       Key = "expired"
	KeyLost          Key = "lost"
	KeyLifted        Key = "lifted"
	KeyDisposed      Key = "disposed"
	KeyDone          Key = "done"
)

// Values fill the places of a text: {name}.
type Values map[string]string

// Message is what the holder is shown. Text is complete; Error is the identifier that
// the help desk asks for, empty where nothing failed.
type Message struct {
	Key   Key
	Text  string
	Error string
}

// pair is a text in both languages.
type pair struct{ ja, en string }

func (p pair) in(l application.Language) string {
	if l == application.Japanese {
		return p.ja
	}
	return p.en
}

var texts = map[Key]pair{
	KeyCode: {"確認コード: {code}\nこのコードを入力してください。ほかの人に教えないでください。",
		"Confirmation code: {code}\nEnter this code. Tell it to nobody."},
	KeyCodeSent: {"このスマートフォンにSMSで確認コードを送りました。10分以内に入力してください。", "A confirmation code has been sent to this phone by SMS. Enter it within ten minutes."},
	KeyErasing:  {"SIMカードから消去しています{share}。", "The SIM card is being erased{share}."},
	KeyReview: {"次の内容で申請します。よろしければマイナンバーカードの署名用パスワードを入力し、カードをスマートフォンにかざしてください。\n\n{text}",
		"You are applying for the following. If it is right, enter the signature password of your My Number Card and hold the card to the phone.\n\n{text}"},
	KeySubmitted:     {"申請を受け付けました。", "Your application has been received."},
	KeyChecking:      {"申請の内容を確認しています。", "Your application is being checked."},
	KeyPreparing:     {"SIMカードを準備しています{share}。", "The SIM card is being prepared{share}."},
	KeyLoading:       {"アプリケーションをSIMカードに書き込んでいます{share}。電源を切らないでください。", "The application is being written to the SIM card{share}. Keep the phone on."},
	KeyPersonalising: {"電子証明書を書き込んでいます{share}。", "The certificate is being written{share}."},
	KeyActivating:    {"電子証明書を有効にしています。", "The certificate is being activated."},
	KeyChoosePIN:     {"4桁の暗証番号を決めて入力してください。", "Choose a PIN of four digits and enter it."},
	KeyPINSet:        {"暗証番号を設定しました。電子証明書を利用できます。", "The PIN is set. You can use your certificate."},
	KeyReportLater:   {"通信が回復したときに、設定の完了をお知らせします。", "The service will hear that the PIN is set when the connection is back."},
	KeyPINChanged:    {"暗証番号を変更しました。", "The PIN has been changed."},
	KeyLogin: {"{origin} がログインを求めています。\n\n{text}\n\nログインするときは暗証番号を入力してください (あと{tries}回)。",
		"{origin} asks you to log in.\n\n{text}\n\nTo log in, enter your PIN ({tries} tries left)."},
	KeyLoggedIn: {"{origin} に回答しました。", "Your answer has gone to {origin}."},
	KeyTouch:    {"読み取り機にスマートフォンをかざしてください。利用は1回です。", "Hold the phone to the reader. It works once."},
	KeyValid:    {"電子証明書は {date} まで有効です。", "The certificate is valid until {date}."},
	KeyExpiresSoon: {"電子証明書の有効期限は {date} です。市区町村の窓口でマイナンバーカードを更新し、このアプリで再発行を申請してください。",
		"The certificate ends on {date}. Have your My Number Card renewed at the office of your municipality, then apply for a new one in this app."},
	KeyExpired: {"電子証明書は {date} に有効期限が切れました。市区町村の窓口でマイナンバーカードを更新し、このアプリで再発行を申請してください。",
		"The certificate ended on {date}. Have your My Number Card renewed at the office of your municipality, then apply for a new one in this app."},
	KeyLost:     {"電子証明書の利用を一時停止しました。見つからないときは失効の手続きをしてください。", "The certificate is on hold. If you do not find the phone, have it revoked."},
	KeyLifted:   {"電子証明書の一時停止を解除しました。", "The certificate is no longer on hold."},
	KeyDisposed: {"電子証明書を失効し、SIMカードから消去しました。", "The certificate has been revoked and erased from the SIM card."},
	KeyDone:     {"手続きが終わりました。", "Done."},
}

// Keys are the keys of all texts.
func Keys() []Key {
	return []Key{KeyCodeSent, KeyErasing, KeyCode, KeyReview, KeySubmitted, KeyChecking, KeyPreparing, KeyLoading, KeyPersonalising, KeyActivating,
		KeyChoosePIN, KeyPINSet, KeyReportLater, KeyPINChanged, KeyLogin, KeyLoggedIn, KeyTouch, KeyValid, KeyExpiresSoon,
		KeyExpired, KeyLost, KeyLifted, KeyDisposed, KeyDone}
}

// Text is a text in a language with its places filled. What is filled in is not looked
// at for places again. Spec: SPEC-HANDSET-120, SPEC-HANDSET-121.
func Text(l application.Language, key Key, with Values) string { return fill(texts[key].in(l), with) }

// fill replaces {name} by its value, once over the text.
func fill(text string, with Values) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed {
			b.WriteString("{" + rest)
			return b.String()
		}
		if value, known := with[name]; known {
			b.WriteString(value)
		} else {
			b.WriteString("{" + name + "}")
		}
		text = after
	}
}

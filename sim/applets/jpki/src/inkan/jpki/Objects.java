package inkan.jpki;

import javacard.framework.APDU;
import javacard.framework.ISO7816;
import javacard.framework.Util;

/** GET DATA, GET CHALLENGE and CONTACTLESS (JPKI-AP, challenge and data objects; interfaces). */
final class Objects {
	private static final short STATUS = (short) 0xDF30;
	private static final short AUTH_END = (short) 0xDF31;
	private static final short SIGN_END = (short) 0xDF32;
	private static final short RANDOM_MOST = 256;

	private final Parameters parameters;
	private final State state;
	private final Content content;
	private final Pins pins;
	private final Files files;
	private final Crypto crypto;

	Objects(Parameters parameters, State state, Content content, Pins pins, Files files, Crypto crypto) {
		this.parameters = parameters;
		this.state = state;
		this.content = content;
		this.pins = pins;
		this.files = files;
		this.crypto = crypto;
	}

	/** GET CHALLENGE. Spec: SPEC-JPKI-AP-080. */
	void challenge(APDU apdu, byte[] b) {
		Status.need(Util.getShort(b, ISO7816.OFFSET_P1) == 0, ISO7816.SW_INCORRECT_P1P2);
		Input.refuse(apdu);
		short n = apdu.setOutgoing();
		if (n > RANDOM_MOST) {
			n = RANDOM_MOST;
		}
		crypto.random.generateData(b, (short) 0, n);
		apdu.setOutgoingLength(n);
		apdu.sendBytes((short) 0, n);
	}

	/** GET DATA. Spec: SPEC-JPKI-AP-081 to SPEC-JPKI-AP-083. */
	void data(APDU apdu, byte[] b) {
		short tag = Util.getShort(b, ISO7816.OFFSET_P1);
		Input.refuse(apdu);
		short n = 0;
		switch (tag) {
		case STATUS:
			n = status(b);
			break;
		case AUTH_END:
			n = end(b, Role.AUTH);
			break;
		case SIGN_END:
			n = pins.signHere() ? end(b, Role.SIGN) : 0;
			break;
		default:
		}
		Status.need(n > 0, Status.NOT_FOUND);
		Util.setShort(b, (short) 0, tag);
		b[2] = (byte) (n - 3);
		apdu.setOutgoingAndSend((short) 0, n);
	}

	private short status(byte[] b) {
		short live = state.live();
		short at = 3;
		at = element(b, at, (byte) 0x80, state.phase());
		at = element(b, at, (byte) 0x81, parameters.form);
		b[at++] = (byte) 0x82;
		b[at++] = 4;
		at = state.counter(b, at);
		at = element(b, at, (byte) 0x83,
				(byte) (parameters.policy == Parameters.POLICY_CARD ? Pins.ON : state.ram[State.CONTACTLESS]));
		short flags = (live & State.CODE) != 0 ? (short) 1 : (short) 0;
		if ((live & State.of(State.CODE, Role.SIGN)) != 0) {
			flags |= 2;
		}
		flags |= (short) ((live >> 6) & 0x0C); // AUTH_PIN is b9
		return element(b, at, (byte) 0x84, (byte) flags);
	}

	private static short element(byte[] b, short at, byte tag, byte value) {
		b[at++] = tag;
		b[at++] = 1;
		b[at++] = value;
		return at;
	}

	private short end(byte[] b, byte role) {
		if (!files.hasCertificate(role)) {
			return 0;
		}
		return Util.arrayCopyNonAtomic(content.ends(), Content.endOffset(role), b, (short) 3, Content.END_SIZE);
	}

	/** CONTACTLESS. Spec: SPEC-JPKI-AP-023, SPEC-JPKI-AP-024. */
	void contactless(APDU apdu, byte[] b) {
		byte wanted = b[ISO7816.OFFSET_P1];
		Status.need(wanted >= Pins.OFF && wanted <= Pins.ONE_SIGNATURE && b[ISO7816.OFFSET_P2] == 0, ISO7816.SW_INCORRECT_P1P2);
		Status.need(Input.isEmpty(apdu), ISO7816.SW_WRONG_LENGTH);
		Status.need(parameters.policy == Parameters.POLICY_PHONE && state.phase() == State.ACTIVE,
				ISO7816.SW_CONDITIONS_NOT_SATISFIED);
		Status.need(wanted == Pins.OFF || pins.isVerified(Role.AUTH), ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED);
		state.ram[State.CONTACTLESS] = wanted;
	}
}

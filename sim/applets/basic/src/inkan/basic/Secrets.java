package inkan.basic;

import javacard.framework.APDU;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.OwnerPIN;

/**
 * The PIN and the two codes (IDCARD, PIN and codes). All comparing and counting
 * is OwnerPIN's: it writes the counter down before it compares, outside any
 * transaction, and takes the same time wherever a value differs.
 */
final class Secrets {
	// EFs.
	static final byte PIN = 0x11;
	static final byte CODE_A = 0x14;
	static final byte CODE_B = 0x15;

	private static final byte PIN_SIZE = 4;
	private static final byte CODE_A_SIZE = 12;
	private static final byte CODE_B_SIZE = 14;
	private static final byte PIN_TRIES = 3;
	private static final byte CODE_TRIES = 10;
	private static final short LONGEST = 16;

	private final TextApplet applet;
	private final OwnerPIN pin;
	private final OwnerPIN codeA;
	private final OwnerPIN codeB;
	/** By EF - PIN: whether a value is set. */
	private final boolean[] isSet;

	Secrets(TextApplet applet) {
		this.applet = applet;
		pin = new OwnerPIN(PIN_TRIES, PIN_SIZE);
		codeA = new OwnerPIN(CODE_TRIES, CODE_A_SIZE);
		codeB = new OwnerPIN(CODE_TRIES, CODE_B_SIZE);
		isSet = new boolean[CODE_B - PIN + 1];
	}

	static boolean has(byte ef) {
		return length(ef) > 0;
	}

	/** How many digits the value of an EF has; 0: it is none of these. */
	static byte length(byte ef) {
		switch (ef) {
		case PIN:
			return PIN_SIZE;
		case CODE_A:
			return CODE_A_SIZE;
		case CODE_B:
			return CODE_B_SIZE;
		default:
			return 0;
		}
	}

	/** Whether n bytes are a value of an EF. */
	static boolean isValue(byte ef, byte[] b, short offset, short n) {
		if (n != length(ef)) {
			return false;
		}
		boolean good = true;
		for (short i = 0; i < n; i++) {
			byte c = b[(short) (offset + i)];
			good &= c >= '0' && c <= '9';
		}
		return good;
	}

	private OwnerPIN secret(byte ef) {
		switch (ef) {
		case PIN:
			return pin;
		case CODE_A:
			return codeA;
		default:
			return codeB;
		}
	}

	boolean isVerified(byte ef) {
		return secret(ef).isValidated();
	}

	/** Clears all verified states. */
	void forget() {
		forget(pin);
		forget(codeA);
		forget(codeB);
	}

	private static void forget(OwnerPIN pin) {
		if (pin.isValidated()) {
			pin.reset();
		}
	}

	private short tries(byte ef) {
		return isSet[(short) (ef - PIN)] ? secret(ef).getTriesRemaining() : 0;
	}

	/** The EF that P2 names. */
	private byte named(byte p2) {
		byte ef = applet.bySFI((byte) (p2 & 0x1F));
		Status.need(has(ef), Status.WRONG_FILE);
		return ef;
	}

	/** VERIFY. Spec: SPEC-IDCARD-040 to SPEC-IDCARD-042. */
	void verify(APDU apdu, byte[] b) {
		Status.need(b[ISO7816.OFFSET_P1] == 0, ISO7816.SW_INCORRECT_P1P2);
		BasicApplet.checkReference(b[ISO7816.OFFSET_P2]);
		short n = Input.receive(apdu);
		Status.need(n <= LONGEST, ISO7816.SW_WRONG_LENGTH);
		byte ef = named(b[ISO7816.OFFSET_P2]);
		if (n > 0) {
			Status.need(tries(ef) > 0, Status.BLOCKED);
			if (secret(ef).check(b, Input.DATA, (byte) n)) {
				applet.setCurrent(ef);
				return;
			}
		}
		applet.setCurrent(ef);
		ISOException.throwIt((short) (Status.TRIES | tries(ef)));
	}

	/** CHANGE REFERENCE DATA. Spec: SPEC-IDCARD-043, SPEC-IDCARD-044. */
	void change(APDU apdu, byte[] b) {
		Status.need(b[ISO7816.OFFSET_P1] == 0x01, ISO7816.SW_INCORRECT_P1P2);
		BasicApplet.checkReference(b[ISO7816.OFFSET_P2]);
		short n = Input.receive(apdu);
		Status.need(n > 0 && n <= LONGEST, ISO7816.SW_WRONG_LENGTH);
		byte ef = named(b[ISO7816.OFFSET_P2]);
		Status.need(ef == PIN, ISO7816.SW_CONDITIONS_NOT_SATISFIED);
		Status.need(pin.isValidated(), ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED);
		Status.need(isValue(ef, b, Input.DATA, n), ISO7816.SW_WRONG_DATA);
		set(ef, b, Input.DATA);
		applet.setCurrent(ef);
	}

	/** Sets a value with all its tries, not verified. Spec: SPEC-IDCARD-055. */
	void set(byte ef, byte[] b, short offset) {
		JCSystem.beginTransaction();
		secret(ef).update(b, offset, length(ef));
		isSet[(short) (ef - PIN)] = true;
		JCSystem.commitTransaction();
	}
}

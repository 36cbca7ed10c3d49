package inkan.basic;

import javacard.framework.APDU;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;

/** Receiving command data, which is never extended. */
final class Input {
	/** Offset of command data. */
	static final short DATA = ISO7816.OFFSET_CDATA;

	private Input() {
	}

	private static boolean isT0() {
		return APDU.getProtocol() == APDU.PROTOCOL_T0;
	}

	/** Receives the command data, all of it, and returns its length. */
	static short receive(APDU apdu) {
		if (isT0() && apdu.getBuffer()[ISO7816.OFFSET_LC] == 0) {
			return 0; // P3 00: there is nothing to ask the terminal for
		}
		short n = apdu.setIncomingAndReceive();
		short length = apdu.getIncomingLength();
		while (n < length) {
			n += apdu.receiveBytes((short) (DATA + n));
		}
		return n;
	}

	/**
	 * Refuses command data, 6700, of a command with a response. Under T=0 the
	 * header does not tell Lc from Le: there it is Le.
	 */
	static void refuse(APDU apdu) {
		if (!isT0() && receive(apdu) != 0) {
			ISOException.throwIt(ISO7816.SW_WRONG_LENGTH);
		}
	}
}

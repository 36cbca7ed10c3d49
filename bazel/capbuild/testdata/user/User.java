package inkan.example.user;

import inkan.example.lib.Coins;
import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISOException;

/** Answers a status word that a library computes. */
public class User extends Applet {
    public static void install(byte[] bArray, short bOffset, byte bLength) {
        new User().register();
    }

    public void process(APDU apdu) {
        ISOException.throwIt(Coins.twice((short) 0x3480));
    }
}

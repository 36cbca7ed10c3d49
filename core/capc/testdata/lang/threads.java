// refused 5: class java/lang/Thread is not in the API
package inkan.lang.threads;

public class Case {
    static void f() { new Thread().start(); }
}

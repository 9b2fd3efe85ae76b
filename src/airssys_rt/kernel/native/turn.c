/* The twin of `Scheduler.turn`: the messages of a cell that has a queue of them. */

#include "speed.h"

static inline PyObject *
take(PyObject *box)
{
    if (Py_IS_TYPE(box, S.deque)) {
        return S.deque_popleft(box, NULL);
    }
    return PyObject_CallMethod(box, "popleft", NULL);
}

/* Step the coroutine of a told async handler: 1 if it is over, 0 if it is suspended, or -1. */
static int
run_told(PyObject *self, PyObject *cell, PyObject *coro)
{
    PyObject *context = PyContext_Copy(SLOT(self, scheduler_context)), *yielded = NULL;
    int result = -1;
    if (context == NULL) {
        return -1;
    }
    if (PyContext_Enter(context) == 0) {
        PySendResult how = PyIter_Send(coro, Py_None, &yielded);
        if (PyContext_Exit(context) == 0) {
            result = how == PYGEN_RETURN ? 1 : how == PYGEN_NEXT ? 0 : -1;
        }
    }
    if (result == 0) {
        PyObject *done = PyObject_GetAttrString(S.steps, "told_done");
        PyObject *made = done == NULL
            ? NULL
            : PyObject_CallMethod(
                S.scheduler_module, "Suspension", "OOOOO", cell, coro, context, yielded, done);
        Py_XDECREF(done);
        result = made == NULL ? -1 : speed_call(self, "_suspend", made, NULL);
        Py_XDECREF(made);
    }
    Py_XDECREF(yielded);
    Py_DECREF(context);
    return result;
}

/* The async handler of a told message, where the behaviour has one; NULL without an error if not. */
static PyObject *
find_told(PyObject *cell, PyObject *msg)
{
    PyObject *state = SLOT(cell, cell_state);
    if (SLOT(cell, cell_find) == S.no_handler || !IS(state, state)) {
        return NULL;
    }
    PyObject *table = SLOT(state, state_coro);
    if (table == NULL || !PyDict_CheckExact(table)) {
        return NULL;
    }
    return Py_XNewRef(PyDict_GetItemWithError(table, (PyObject *)Py_TYPE(msg)));
}

/* Handle one message of the box: 1 to go on, 0 to stop, -1 with an error. */
static int
turn_one(PyObject *self, PyObject *cell, PyObject *msg, PyObject **actor, PyObject **box)
{
    PyObject *handler = find_handler(cell, msg), *result;
    int goes_on = 1;
    if (handler == NULL) {
        return -1;
    }
    if (handler != Py_None) {
        PUT(cell, cell_msg, msg);
        result = handle(handler, *actor, msg);
        Py_DECREF(handler);
        if (result == NULL) {
            return -1;
        }
        if (result != Py_None) {
            goes_on = speed_step("told", cell, result);
        }
        Py_DECREF(result);
        return goes_on;
    }
    Py_DECREF(handler);
    handler = find_told(cell, msg);
    if (handler != NULL) {
        PUT(cell, cell_msg, msg);
        PyObject *coro = handle(handler, *actor, msg);
        Py_DECREF(handler);
        if (coro == NULL) {
            return -1;
        }
        if (PyCoro_CheckExact(coro)) {
            goes_on = run_told(self, cell, coro);
        }
        else { /* a coroutine by its methods only */
            PyObject *done = PyObject_GetAttrString(S.steps, "told_done");
            PyObject *over = done == NULL
                ? NULL
                : PyObject_CallMethod(self, "drive", "OOO", cell, coro, done);
            Py_XDECREF(done);
            goes_on = over == NULL ? -1 : PyObject_IsTrue(over);
            Py_XDECREF(over);
        }
        Py_DECREF(coro);
        return goes_on;
    }
    if (PyErr_Occurred()) {
        return -1;
    }
    goes_on = speed_step("step", cell, msg);
    if (goes_on == 1) {
        Py_SETREF(*actor, Py_NewRef(SLOT(cell, cell_actor)));
        Py_SETREF(*box, Py_NewRef(SLOT(cell, cell_box)));
        goes_on = *box == Py_None ? 0 : (int)Py_MIN(PyObject_Size(*box), 1);
    }
    return goes_on;
}

long
speed_turn_cell(PyObject *self, PyObject *cell, long left)
{
    PyObject *actor = Py_NewRef(SLOT(cell, cell_actor)), *box = Py_NewRef(SLOT(cell, cell_box));
    PyObject *msg = Py_NewRef(Py_None);
    long taken = 0;
    int goes_on = 1;
    Py_ssize_t there = PyObject_Size(box), most = there < 0 ? 0 : Py_MIN(there, left + 1);
    if (there < 0) {
        goes_on = speed_fault(cell, msg);
    }
    while (goes_on == 1 && taken < most) {
        taken++;
        PyObject *next = take(box);
        if (next != NULL) {
            Py_SETREF(msg, next);
            goes_on = turn_one(self, cell, msg, &actor, &box);
        }
        if (next == NULL || goes_on < 0) {
            goes_on = speed_fault(cell, msg);
            break;
        }
    }
    Py_DECREF(msg);
    Py_DECREF(actor);
    Py_DECREF(box);
    if (goes_on < 0 || COUNT(cell, cell_handled, taken) < 0) {
        return -1;
    }
    return speed_call(self, "_put_back", cell, NULL) < 0 ? -1 : taken;
}

PyObject *
speed_turn(PyObject *self, PyObject *const *args, Py_ssize_t n)
{
    if (!LOADED()) {
        return NULL;
    }
    if (n != 2 || !PyLong_CheckExact(args[1]) || !IS_SCHEDULER(self)
        || !IS_CELL(args[0]) || SLOT(args[0], cell_box) == Py_None) {
        PyObject *all[] = {self, n > 0 ? args[0] : NULL, n > 1 ? args[1] : NULL};
        return PyObject_Vectorcall(S.pure_turn, all, (size_t)Py_MIN(n, 2) + 1, NULL);
    }
    long left = PyLong_AsLong(args[1]);
    if (left == -1 && PyErr_Occurred()) {
        return NULL;
    }
    long taken = speed_turn_cell(self, args[0], left);
    return taken < 0 ? NULL : PyLong_FromLong(taken);
}

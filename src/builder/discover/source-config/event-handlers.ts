/** The methods of a v2 function's default-export object, and the event that each subscribes to. */
export const eventHandlerSlugs: Readonly<Record<string, string>> = {
  fetch: 'fetch',
  deployBuilding: 'deploy_building',
  deploySucceeded: 'deploy_succeeded',
  deployFailed: 'deploy_failed',
  deployDeleted: 'deploy_deleted',
  deployLocked: 'deploy_locked',
  deployUnlocked: 'deploy_unlocked',
  formSubmitted: 'submission_created',
  userLogin: 'identity_login',
  userSignup: 'identity_signup',
  userValidate: 'identity_validate',
  userModified: 'identity_usermodified',
  userDeleted: 'identity_userdeleted',
};

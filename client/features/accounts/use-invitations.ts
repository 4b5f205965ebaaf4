import { ref } from 'vue'
import type { InvitationsQuery } from '../../api/generated.ts'
import { InvitationsDocument, RevokeInvitationDocument } from '../../api/settings.generated.ts'
import { request } from '../../api/graphql.ts'
import { errorText } from '../../kit/error-text.ts'
import { useTask } from '../../kit/use-task.ts'
import { t } from '../../locales/i18n.ts'
import { useAccounts } from '../../stores/accounts.ts'
import { useUi } from '../../stores/ui.ts'

type Invitation = InvitationsQuery['account']['invitations'][number]

/** The invitations that are out and not answered. */
export function useInvitations() {
  const invitations = ref<Invitation[]>([])
  const { error, run: load } = useTask(async () => {
    const { account } = await request(InvitationsDocument, { id: useAccounts().accountId })
    invitations.value = account.invitations
  })

  async function revoke(invitation: Invitation): Promise<void> {
    const input = { accountId: useAccounts().accountId, invitationId: invitation.id }
    try {
      await request(RevokeInvitationDocument, { input })
      useUi().toast(t('agents.revoked', { email: invitation.email }))
    } catch (failure) {
      useUi().toast(errorText(failure), { tone: 'bad' })
    }
    await load()
  }

  return { invitations, error, load, revoke }
}
